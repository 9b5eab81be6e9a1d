"""Files that come along with what is offered

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-23

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('offer_set', schema=None) as batch_op:
        batch_op.add_column(sa.Column('data', sa.JSON(), server_default='[]', nullable=False))


def downgrade():
    with op.batch_alter_table('offer_set', schema=None) as batch_op:
        batch_op.drop_column('data')

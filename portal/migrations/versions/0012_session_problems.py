"""Why sessions cannot be looked after, and facilities that are full

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-23

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('analysis_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('problem', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('missed_time', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('facility_state', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_full', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade():
    with op.batch_alter_table('facility_state', schema=None) as batch_op:
        batch_op.drop_column('is_full')
    with op.batch_alter_table('analysis_session', schema=None) as batch_op:
        batch_op.drop_column('missed_time')
        batch_op.drop_column('problem')

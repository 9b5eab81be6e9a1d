"""Sessions at facilities

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-23

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('analysis_session',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('job_id', sa.String(length=32), nullable=False),
    sa.Column('facility_id', sa.String(length=64), nullable=False),
    sa.Column('mode', sa.String(length=16), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('workflow_id', sa.Text(), nullable=False),
    sa.Column('repository', sa.Text(), nullable=False),
    sa.Column('ref', sa.Text(), nullable=False),
    sa.Column('commit', sa.String(length=64), nullable=True),
    sa.Column('path', sa.Text(), nullable=True),
    sa.Column('basket_id', sa.String(length=32), nullable=True),
    sa.Column('file_count', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('notice', sa.Text(), nullable=False),
    sa.Column('handle', sa.LargeBinary(), nullable=True),
    sa.Column('url', sa.LargeBinary(), nullable=True),
    sa.Column('publication', sa.String(length=64), nullable=True),
    sa.Column('token_id', sa.String(length=32), nullable=True),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('creation_time', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ready_time', sa.DateTime(timezone=True), nullable=True),
    sa.Column('checked_time', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_activity', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_time', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_analysis_session')),
    sa.UniqueConstraint('job_id', name=op.f('uq_analysis_session_job_id'))
    )
    with op.batch_alter_table('analysis_session', schema=None) as batch_op:
        batch_op.create_index('ix_analysis_session_owner', ['owner', 'creation_time'], unique=False)
        batch_op.create_index('ix_analysis_session_stage', ['stage', 'checked_time'], unique=False)
    op.create_table('facility_state',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('is_up', sa.Boolean(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('capacity', sa.JSON(), nullable=False),
    sa.Column('checked_time', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_facility_state'))
    )


def downgrade():
    op.drop_table('facility_state')
    with op.batch_alter_table('analysis_session', schema=None) as batch_op:
        batch_op.drop_index('ix_analysis_session_stage')
        batch_op.drop_index('ix_analysis_session_owner')
    op.drop_table('analysis_session')
